import { isZoneName, MAX_ZONE_CHARACTERS } from '../base/zone-name.ts'

/**
 * The name of a zone that a peer sent; anything else counts as none, like an address of a strange length: there is no trade without locality
 * that it could harm.
 */
export function zoneIn(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined || bytes.length > MAX_ZONE_CHARACTERS) return undefined
  const text = Buffer.from(bytes).toString('latin1')
  return isZoneName(text) ? text : undefined
}
