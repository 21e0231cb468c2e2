import { DistroError } from '../base/errors.ts'
import { KiB, MiB } from '../base/units.ts'

/**
 * The piece length for `totalBytes` of content, in bytes, a power of two. A host can pass on only whole pieces, so a swarm is the faster
 * the more there are: with 100 hosts and 1 GiB the last was done at 1.15 times the bound with a thousand pieces, and at 1.05 with four
 * thousand. But pieces of less than 256 KiB cost processor time at full speed, so there a thousand have to do. Within 32 KiB and 8 MiB;
 * beyond that only as large as 200,000 pieces need.
 *
 * | content            | piece length | pieces           |
 * |--------------------|-------------:|------------------|
 * | less than 64 MiB   |       32 KiB | up to 2,047      |
 * | 64 MiB to 128 MiB  |       64 KiB | 1,024 to 2,047   |
 * | 256 MiB to 2 GiB   |      256 KiB | 1,024 to 8,191   |
 * | 4 GiB              |        1 MiB | 4,096            |
 * | 32 GiB to 1.5 TiB  |        8 MiB | 4,096 to 200,000 |
 * | 3 TiB              |       16 MiB | up to 200,000    |
 */
export function automaticPieceLength(totalBytes: number): number {
  let pieceLength = SMALLEST_AUTOMATIC
  while (pieceLength < CHEAP && totalBytes >= 2 * pieceLength * FEWEST_PIECES) pieceLength *= 2
  while (pieceLength < LARGEST_AUTOMATIC && totalBytes >= 2 * pieceLength * WANTED_PIECES) pieceLength *= 2
  while (pieceLength < LARGEST_PIECE_LENGTH && totalBytes > pieceLength * MOST_PIECES) pieceLength *= 2
  return pieceLength
}

/** The largest piece length that every client takes, in bytes. */
export const LARGEST_PIECE_LENGTH: number = 64 * MiB

/** Throws USAGE unless `pieceLength`, in bytes, is a power of two from 16 KiB to 64 MiB (what every client takes). */
export function checkPieceLength(pieceLength: number): void {
  if (Number.isInteger(Math.log2(pieceLength)) && pieceLength >= SMALLEST && pieceLength <= LARGEST_PIECE_LENGTH) return
  throw new DistroError('USAGE', `A piece length of ${pieceLength} bytes is not a power of two from 16 KiB to 64 MiB.`, {
    hint: 'Leave --piece-length out to have it chosen by size, or name one such as 256K or 1M.',
  })
}

const SMALLEST = 16 * KiB
const SMALLEST_AUTOMATIC = 32 * KiB
const LARGEST_AUTOMATIC = 8 * MiB
/** From here on the cost of a piece is small beside that of its bytes. */
const CHEAP = 256 * KiB
const FEWEST_PIECES = 1_024
const WANTED_PIECES = 4_096
const MOST_PIECES = 200_000
