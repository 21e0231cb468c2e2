/** What one entry of a netrc file says. */
export interface NetrcEntry {
  /** The host that it is for; undefined for `default`, which is for any. */
  readonly machine: string | undefined
  readonly login: string
  readonly password: string
}

/**
 * Reads a netrc file as curl does: `machine`, `default`, `login`, `password`, `account`, `macdef`, values in double quotes, and
 * comments that begin a line. Words that it does not know are skipped; an entry without a password has an empty one.
 */
export function parseNetrc(text: string): readonly NetrcEntry[] {
  const entries: { machine: string | undefined; login: string; password: string }[] = []
  const words = wordsOf(text)
  for (let place = 0; place < words.length; place++) {
    const word = words[place]
    const last = entries[entries.length - 1]
    if (word === 'default') entries.push({ machine: undefined, login: '', password: '' })
    else if (word === 'machine') entries.push({ machine: words[++place]?.toLowerCase() ?? '', login: '', password: '' })
    else if (word === 'account') place++
    else if ((word === 'login' || word === 'password') && last !== undefined) last[word] = words[++place] ?? ''
  }
  return entries
}

/** The entry for `host`: the first of that name, else the default where that counts. */
export function netrcEntryFor(entries: readonly NetrcEntry[], host: string, withDefault: boolean): NetrcEntry | undefined {
  const named = entries.find(({ machine }) => machine === host.toLowerCase())
  return named ?? (withDefault ? entries.find(({ machine }) => machine === undefined) : undefined)
}

function wordsOf(text: string): readonly string[] {
  // A macro ends with an empty line; nothing in it is for us.
  const withoutMacros = text.replace(/^[ \t]*macdef[^\n]*\n(?:[^\n]+\n)*/gm, '').replace(/^[ \t]*#[^\n]*/gm, '')
  return [...withoutMacros.matchAll(/"((?:[^"\\\n]|\\.)*)"|(\S+)/g)].map(
    ([, quoted, plain = '']) => quoted?.replace(/\\(.)/g, '$1') ?? plain,
  )
}
