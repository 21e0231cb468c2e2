/** Characters of a zone's name. */
export const MAX_ZONE_CHARACTERS = 64

/** In place of a name: everybody's zone is the subnet of its address. */
export const SUBNET_ZONES = 'subnet'

/** What stands for the zone of a peer that told none. */
export const UNKNOWN_ZONE = 'unknown'

/**
 * True for the name of a zone: 1 to 64 letters, digits and `. _ : / -` of ASCII, so that it can stand unescaped in a terminal, a URL, a
 * label of a metric or a file name, and no two names look the same. Two words are none: `subnet` and `unknown` mean something else.
 */
export function isZoneName(text: string): boolean {
  return text.length <= MAX_ZONE_CHARACTERS && /^[A-Za-z0-9._:/-]+$/.test(text) && text !== SUBNET_ZONES && text !== UNKNOWN_ZONE
}
