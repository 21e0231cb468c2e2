import { createReadStream } from 'node:fs'
import { fromUtf8 } from '../../base/bytes.ts'
import { DistroError } from '../../base/errors.ts'
import { MiB } from '../../base/units.ts'
import { diskError, systemCode } from '../../store/disk-error.ts'
import { type ExpectedHost, parseExpectedHosts } from './expected-hosts.ts'

/** What the file holds at most. */
const MAX_LIST_BYTES = 32 * MiB
const HINT = 'Name the file that lists the expected hosts, one a line.'

/** The hosts themselves, or the file that lists them; absolute. */
export type ExpectedHosts = readonly ExpectedHost[] | { readonly path: string }

/**
 * The expected hosts; a file may be a pipe or `/dev/stdin`. Throws what `parseExpectedHosts` does, USAGE, INPUT_MISSING, DISK_FAILED, and the reason of
 * `signal`.
 */
export async function readExpectedHosts(expected: ExpectedHosts, signal: AbortSignal): Promise<readonly ExpectedHost[]> {
  if (!('path' in expected)) return expected
  const { path } = expected
  const text = fromUtf8(await readBounded(path, signal))
  if (text === undefined) throw new DistroError('USAGE', `${path} is not UTF-8 text.`, { hint: HINT })
  return parseExpectedHosts(text, path)
}

/** The file that lists the hosts; absolute. Undefined where they were given themselves. */
export function listFile(expected: ExpectedHosts | undefined): string | undefined {
  return expected !== undefined && 'path' in expected ? expected.path : undefined
}

async function readBounded(path: string, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of createReadStream(path, { signal }) as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > MAX_LIST_BYTES)
        throw new DistroError('USAGE', `${path} is larger than 32 MiB and cannot be a list of hosts.`, { hint: HINT })
      chunks.push(chunk)
    }
  } catch (cause) {
    if (signal.aborted) throw signal.reason
    if (cause instanceof DistroError) throw cause
    if (systemCode(cause) === 'EISDIR')
      throw new DistroError('USAGE', `${path} is a directory, and no list of hosts.`, { hint: HINT, cause })
    if (systemCode(cause) !== 'ENOENT' && systemCode(cause) !== 'ENOTDIR') throw diskError(cause, 'read', path)
    throw new DistroError('INPUT_MISSING', `There is no file ${path}.`, { hint: HINT, cause })
  }
  return Buffer.concat(chunks)
}
