import { describe, expect, it } from 'vitest'
import { openFileLimit } from '../../src/base/open-file-limit.ts'

const withCode = (code: string, message = code): Error => Object.assign(new Error(message), { code })

describe('openFileLimit', () => {
  it('knows the limit of the process and that of the machine by the word of the system', () => {
    expect(openFileLimit('EMFILE')).toMatchObject({ reason: 'the limit of open files, ulimit -n, is reached' })
    expect(openFileLimit(withCode('ENFILE'))).toMatchObject({ reason: expect.stringContaining('fs.file-max') })
  })

  it('finds it in what caused an error', () => {
    expect(openFileLimit(new Error('fetch failed', { cause: withCode('EMFILE') }))?.hint).toContain('ulimit -n')
  })

  it.each(['Worker initialization failure: EMFILE', 'Cannot read package config /srv/package.json: too many open files.'])(
    'finds it in what is said of a thread that could not be started: %s',
    (message) => {
      expect(openFileLimit(withCode('ERR_WORKER_INIT_FAILED', message))?.hint).toContain('ulimit -n')
    },
  )

  it.each(['ENOENT', '', undefined, null, 7, withCode('ENOENT', "ENOENT: no such file or directory, open '/EMFILE'"), new Error('EMFILE')])(
    'sees none in %s',
    (cause) => {
      expect(openFileLimit(cause)).toBeUndefined()
    },
  )

  it('ends with causes that go round in a circle', () => {
    const error = new Error('round')
    error.cause = error
    expect(openFileLimit(error)).toBeUndefined()
  })
})
