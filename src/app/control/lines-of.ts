import { DistroError } from '../../base/errors.ts'
import { KiB } from '../../base/units.ts'

/** Bytes of one line on the control socket, without its end. */
export const MAX_LINE_BYTES: number = 64 * KiB

const NEWLINE = 10

/** The lines in a stream of bytes, without their ends; what comes after the last one is left out. Throws LIMIT_EXCEEDED at one that is too long. */
export async function* linesOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let rest = new Uint8Array(0)
  for await (const chunk of stream) {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE)) {
      if (end > MAX_LINE_BYTES) throw tooLong()
      yield bytes.subarray(0, end)
      bytes = bytes.subarray(end + 1)
    }
    if (bytes.length > MAX_LINE_BYTES) throw tooLong()
    rest = new Uint8Array(bytes)
  }
}

function tooLong(): DistroError {
  return new DistroError('LIMIT_EXCEEDED', `A line on a control socket is longer than ${MAX_LINE_BYTES / KiB} KiB.`)
}
