import { type Decoded, decoded, undecodable } from '../../base/decoded.ts'

/** Says whether a value of JSON is what one field must be. */
type Check<Value> = (value: unknown) => value is Value

/** What each field of an object must be. */
export type Shape = Readonly<Record<string, Check<unknown>>>

/** The object that fits a shape. */
export type Shaped<Fields extends Shape> = { readonly [Name in keyof Fields]: Fields[Name] extends Check<infer Value> ? Value : never }

/** Takes the fields of `shape`, and no others, out of a value of JSON. */
export function decodeShape<Fields extends Shape>(shape: Fields, value: unknown): Decoded<Shaped<Fields>> {
  if (!isObject(value)) return undecodable('an object is missing')
  const fields: Record<string, unknown> = {}
  for (const [name, isRight] of Object.entries(shape)) {
    const field = Object.hasOwn(value, name) ? value[name] : undefined
    if (!isRight(field)) return undecodable(`"${name}" is missing or wrong`)
    fields[name] = field
  }
  return decoded(fields as Shaped<Fields>)
}

/** True for an object of JSON that is no list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A text of at most `most` UTF-16 units. */
export function textUpTo(most: number): Check<string> {
  return (value): value is string => typeof value === 'string' && value.length <= most
}

/** One of a few words. */
export function wordOf<const Word extends string>(words: readonly Word[]): Check<Word> {
  return (value): value is Word => words.some((word) => word === value)
}

/** Null, or what `isRight` accepts. */
export function orNull<Value>(isRight: Check<Value>): Check<Value | null> {
  return (value): value is Value | null => value === null || isRight(value)
}

/** At most `most` values that `isRight` accepts. */
export function listOf<Value>(isRight: Check<Value>, most: number): Check<readonly Value[]> {
  return (value): value is readonly Value[] => Array.isArray(value) && value.length <= most && value.every((each) => isRight(each))
}

/** A whole number from 0 on. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** A number from 0 on. */
export function isAmount(value: unknown): value is number {
  return Number.isFinite(value) && (value as number) >= 0
}
