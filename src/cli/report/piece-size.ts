import { formatSize } from '../../base/format.ts'

/** `of 32 KiB`, or `of up to 32 KiB` where more pieces than the last are shorter, because each file begins one (BEP 52). */
export function pieceSize(bytes: number, pieces: number, pieceLengthBytes: number): string {
  const areWhole = pieces <= Math.ceil(bytes / pieceLengthBytes)
  return `of ${areWhole ? '' : 'up to '}${formatSize(pieceLengthBytes)}`
}
