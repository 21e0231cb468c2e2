import { type Decoded, decoded, undecodable } from '../../base/decoded.ts'
import { isObject } from './shape.ts'

/** The version of what is spoken on the control socket: every line says it. */
const CONTROL_VERSION = 1

/** One message as a line: JSON, with the version. */
export function encodeLine(fields: object): string {
  return `${JSON.stringify({ version: CONTROL_VERSION, ...fields })}\n`
}

/** The fields of one line, of our version. */
export function decodeLine(line: Uint8Array): Decoded<Readonly<Record<string, unknown>>> {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line))
  } catch {
    return undecodable('it is not JSON')
  }
  if (!isObject(value)) return undecodable('it is not an object of JSON')
  if (value.version !== CONTROL_VERSION) return undecodable(`its version is not ${CONTROL_VERSION}`)
  return decoded(value)
}
