import { createHash } from 'node:crypto'

/** File systems allow 255 bytes; this leaves room for any suffix. */
const NAME_BYTES = 200

/** The name of a working file beside target `name`: hidden, tied to the target, and short enough for any file system. */
export function hiddenName(name: string, suffix: string): string {
  const isShort = Buffer.byteLength(name) <= NAME_BYTES
  return `.${isShort ? name : createHash('sha256').update(name).digest('hex').slice(0, 32)}.distro-${suffix}`
}
