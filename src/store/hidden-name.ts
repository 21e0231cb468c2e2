import { createHash } from 'node:crypto'

/** File systems allow 255 bytes; this leaves room for any suffix. */
const NAME_BYTES = 200

/** The name of a working file beside target `name`: hidden, tied to the target, and short enough for any file system. */
export function hiddenName(name: string, suffix: string): string {
  const isShort = Buffer.byteLength(name) <= NAME_BYTES
  return `.${isShort ? name : createHash('sha256').update(name).digest('hex').slice(0, 32)}.distro-${suffix}`
}

/** True for names that `hiddenName` could give: no tree may be called so, or it would be taken for a lock or for the remains of a fetch. */
export function isHiddenName(name: string): boolean {
  return /^\..+\.distro-[0-9a-z]/is.test(name)
}
