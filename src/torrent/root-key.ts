/** The root of a file's merkle tree (BEP 52) as the key of a map: its 32 bytes in latin-1, as `piece layers` are kept too. */
export function rootKey(root: Uint8Array): string {
  return Buffer.from(root.buffer, root.byteOffset, root.length).toString('latin1')
}
