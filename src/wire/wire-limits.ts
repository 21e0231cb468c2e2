import { KiB } from '../base/units.ts'

/** The longest stretch that a request may ask for, and a piece message may carry. */
export const MAX_REQUEST_BYTES: number = 128 * KiB

/** The longest message of all: a piece message with `MAX_REQUEST_BYTES`; a longer prefix ends the link before anything is read. */
export const MAX_MESSAGE_BYTES: number = 9 + MAX_REQUEST_BYTES

/** Pieces that a torrent may have: no torrent above it is accepted, so no index above it can be right. */
export const MAX_PIECES = 400_000

/** Bitfields after the first that one link may bring; each costs a look at every piece. */
export const MAX_LATER_BITFIELDS = 4_096

/** Messages of kinds that we do not know, per link: they are skipped, and the next one after these ends the link. */
export const MAX_UNKNOWN_MESSAGES = 512

/** The info dictionary may be this long (BEP 9 exchange). */
export const MAX_METADATA_BYTES = 10_000_000

/** The pieces in which the info dictionary travels (BEP 9). */
export const METADATA_PIECE_BYTES: number = 16 * KiB

/** Layers of a merkle tree that prove a stretch of hashes (BEP 52); the largest file has fewer. */
export const MAX_PROOF_LAYERS = 32

/** Payload of an extended handshake (BEP 10); real ones have a few hundred bytes. */
export const MAX_EXTENSION_HANDSHAKE_BYTES: number = 16 * KiB

/** Payload of a metadata message (BEP 9): a piece and a small dictionary before it. */
export const MAX_METADATA_MESSAGE_BYTES: number = METADATA_PIECE_BYTES + 512

/** Payload of a peer exchange message (BEP 11): more than twice what 50 addresses of each kind take. */
export const MAX_PEER_EXCHANGE_BYTES: number = 8 * KiB

/** Addresses kept of each list of a peer exchange message (BEP 11). */
export const MAX_EXCHANGED_PEERS = 50

/** Entries of `m` in an extended handshake. */
export const MAX_EXTENSIONS = 64

/** The number by which a host is known that tells of its copy. */
export const HOST_ID_BYTES = 16

/** Payload of a message about a copy: the id, a name of 64 characters, and room for what later versions add, such as a signature. */
export const MAX_COPY_MESSAGE_BYTES: number = KiB

/** Blocks of whose parts one message asks for the sums. */
export const MAX_PART_BLOCKS = 256

/** Payload of such a message: two bytes a block, and a small dictionary around them. */
export const MAX_PART_QUESTION_BYTES: number = KiB

/** Payload of the answer: that, and the sums of 32 parts of each block. */
export const MAX_PART_SUMS_BYTES: number = 34 * KiB

/** How long ago a copy was told of that is handed on, in milliseconds: 10 years. */
export const MAX_COPY_AGE_MS: number = 10 * 365 * 24 * 3_600_000
