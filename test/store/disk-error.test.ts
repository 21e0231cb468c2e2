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

  it('has a hint for what is read and is no place to write to', () => {
    expect(diskErrorFromCode('EACCES', 'read', '/srv/x').hint).toBe('Let this user read it, or name something else.')
    expect(diskErrorFromCode('EACCES', 'write', '/srv/x').hint).toContain('choose another directory')
    expect(diskErrorFromCode('EISDIR', 'read', '/srv/x').hint).toBe('Name a file.')
  })

  it('is not said again where it was said', () => {
    const error = new DistroError('DISK_FULL', 'Full.')
    expect(diskError(error, 'read', '/srv/x')).toBe(error)
  })
})
