import { describe, expect, it } from 'vitest'
import { DistroError } from '../../src/base/errors.ts'
import { diskError, diskErrorFromCode } from '../../src/store/disk-error.ts'

const codes = 'ENOSPC EDQUOT EFBIG EIO EROFS EACCES EPERM ENOENT ENOTDIR EISDIR ELOOP EMFILE ENFILE ENAMETOOLONG EBUSY EXDEV EOTHER'.split(
  ' ',
)

describe('what the system says of a disk', () => {
  it.each(codes)('becomes a sentence and a hint without flags, which not every verb has: %s', (code) => {
    const { message, hint } = diskErrorFromCode(code, 'read', '/srv/x')
    expect(message).toMatch(/^Cannot read \/srv\/x: .+\.$/)
    expect(hint).toMatch(/\.$|\)\.$/)
    expect(hint).not.toContain('--')
  })

  it('is not said again where it was said', () => {
    const error = new DistroError('DISK_FULL', 'Full.')
    expect(diskError(error, 'read', '/srv/x')).toBe(error)
  })
})
