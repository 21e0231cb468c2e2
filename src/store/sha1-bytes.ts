/** Length of a SHA-1 digest. */
export const SHA1_BYTES = 20
