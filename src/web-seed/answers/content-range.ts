import { type Decoded, decoded, undecodable } from '../../base/decoded.ts'

/** What a 206 or 416 answer says of the bytes in it (RFC 9110, 14.4). */
export interface AnsweredRange {
  /** Undefined for an unsatisfied range, which says that there is no such range. */
  readonly first: number | undefined
  /** The last byte, itself included. */
  readonly last: number | undefined
  /** The length of the whole file; undefined where the server does not know it. */
  readonly fileBytes: number | undefined
}

/** Reads a Content-Range header. Numbers of more than 15 digits are not taken. */
export function parseContentRange(text: string | undefined): Decoded<AnsweredRange> {
  if (text === undefined) return undecodable('there is no Content-Range')
  const [, range = '', first, last, whole = ''] = /^bytes[ =](\*|(\d{1,15})-(\d{1,15}))\/(\*|\d{1,15})$/i.exec(text.trim()) ?? []
  if (range === '') return undecodable('the Content-Range is malformed')
  const fileBytes = whole === '*' ? undefined : Number(whole)
  if (first === undefined || last === undefined) return decoded({ first: undefined, last: undefined, fileBytes })
  if (Number(last) < Number(first)) return undecodable('the Content-Range ends before it begins')
  return decoded({ first: Number(first), last: Number(last), fileBytes })
}
