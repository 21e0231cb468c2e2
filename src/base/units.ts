export const KiB = 1024
export const MiB: number = 1024 * KiB
export const GiB: number = 1024 * MiB

/** The block size of every BitTorrent client: what one request asks for (BEP 3). */
export const BLOCK_BYTES: number = 16 * KiB
