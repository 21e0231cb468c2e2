import type { HttpAnswer } from './http-answer.ts'

/** What tells one version of a file on a server from another (RFC 9110, 8.8). */
export interface Validator {
  readonly etag: string | undefined
  readonly lastModified: string | undefined
  /** The value that If-Range may carry; undefined unless it is a strong one. */
  readonly ifRange: string | undefined
}

/** The validator of an answer; undefined when it has none. What is longer than any server needs is not kept, for there is one of each file. */
export function validatorOf(answer: HttpAnswer): Validator | undefined {
  const etag = unlessLong(answer.header('etag'))
  const lastModified = unlessLong(answer.header('last-modified'))
  if (etag === undefined && lastModified === undefined) return undefined
  return { etag, lastModified, ifRange: etag === undefined ? strongDate(lastModified, answer.header('date')) : strongTag(etag) }
}

/** False if both say what they are and do not agree. Tags count first, and weak ones as equal to strong ones. */
export function isSameVersion(left: Validator, right: Validator | undefined): boolean {
  if (right === undefined) return true
  if (left.etag !== undefined && right.etag !== undefined) return opaqueTag(left.etag) === opaqueTag(right.etag)
  return left.lastModified === undefined || right.lastModified === undefined || left.lastModified === right.lastModified
}

function unlessLong(text: string | undefined): string | undefined {
  return text !== undefined && text.length > LONGEST_VALIDATOR ? undefined : text
}

function strongTag(etag: string): string | undefined {
  return /^"[\x21\x23-\x7e\x80-\xff]*"$/.test(etag) ? etag : undefined
}

function opaqueTag(etag: string): string {
  return etag.replace(/^W\//, '')
}

/** A date proves nothing of a file that may have changed twice in that second. */
function strongDate(lastModified: string | undefined, date: string | undefined): string | undefined {
  return Date.parse(date ?? '') - Date.parse(lastModified ?? '') >= STRONG_AFTER_MS ? lastModified : undefined
}

const STRONG_AFTER_MS = 1_000
const LONGEST_VALIDATOR = 256
