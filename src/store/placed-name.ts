import { createHash } from 'node:crypto'
import { toHex } from '../base/bytes.ts'

/** The name under which something of a torrent at a place of this host is kept in a shared folder: `infoHash`, 20 bytes, and what stands for the place. */
export function placedName(infoHash: Uint8Array, place: string): string {
  return `${toHex(infoHash)}-${createHash('sha256').update(place).digest('hex').slice(0, 16)}`
}

/** What such a name has for the place; undefined for any other name. */
export function placeInName(name: string): string | undefined {
  return PLACED_NAME.exec(name)?.[1]
}

const PLACED_NAME = /^[0-9a-f]{40}-([0-9a-f]{16})$/
