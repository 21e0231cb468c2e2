import { open } from 'node:fs/promises'
import { fromUtf8 } from '../base/bytes.ts'
import { DistroError } from '../base/errors.ts'
import { openFileLimit } from '../base/open-file-limit.ts'
import { jsonFault } from './json-fault.ts'

/** Settings by flag name, as they stand in the file; each is checked when its flag is read. */
export type Settings = ReadonlyMap<string, unknown>

const LARGEST_CONFIG_BYTES = 1024 * 1024
const HINT = 'Settings stand in a file of one JSON object, such as { "up-limit": "20M", "dht": false }.'

/** Reads a config file: one JSON object whose keys are flag names. Undefined when there is none at `path` and `mustExist` is false. */
export async function readConfigFile(path: string, mustExist: boolean): Promise<Settings | undefined> {
  const text = await readText(path, mustExist)
  if (text === undefined) return undefined
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (cause) {
    throw new DistroError('CONFIG_INVALID', `${path} is not JSON: ${jsonFault(text) ?? 'it is nested too deep'}.`, {
      hint: 'JSON takes names and texts in double quotes, no comment, and no comma before a closing bracket.',
      cause,
    })
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new DistroError('CONFIG_INVALID', `${path} must hold one JSON object.`, { hint: HINT })
  }
  return new Map(Object.entries(parsed))
}

async function readText(path: string, mustExist: boolean): Promise<string | undefined> {
  try {
    const file = await open(path, 'r')
    try {
      // A FIFO or device would make us wait for ever.
      const status = await file.stat()
      if (!status.isFile()) throw new DistroError('CONFIG_INVALID', `${path} is not a regular file.`, { hint: HINT })
      if (status.size > LARGEST_CONFIG_BYTES) throw new DistroError('CONFIG_INVALID', `${path} is larger than 1 MiB.`, { hint: HINT })
      const text = fromUtf8(await file.readFile())
      if (text === undefined) throw new DistroError('CONFIG_INVALID', `${path} is not UTF-8 text.`, { hint: HINT })
      return text
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (cause instanceof DistroError) throw cause
    const reason = (cause as NodeJS.ErrnoException).code
    if (!mustExist && (reason === 'ENOENT' || reason === 'ENOTDIR')) return undefined
    const why = { ENOENT: 'there is no such file', EACCES: 'permission is denied', EISDIR: 'it is a directory' }[reason ?? '']
    const limit = openFileLimit(cause)
    const what = limit?.reason ?? why ?? `the system says ${reason ?? 'nothing'}`
    throw new DistroError('CONFIG_INVALID', `${path} cannot be read: ${what}.`, {
      hint: limit?.hint ?? 'Check the path and its permissions.',
      cause,
    })
  }
}
