import { quoteName } from '../torrent/quote-name.ts'

/**
 * Where and why `text` is not JSON, as the end of a sentence: `line 2 has "}" where a name in double quotes must stand`. The engine's own
 * words differ from one version of Node to the next, and often name no place. Undefined for text that is JSON.
 */
export function jsonFault(text: string): string | undefined {
  const open: string[] = []
  let state: State = 'value'
  let place = 0
  for (;;) {
    SPACE.lastIndex = place
    SPACE.test(text)
    place = SPACE.lastIndex
    if (place === text.length && state === 'end') return undefined
    TOKEN.lastIndex = place
    const token = TOKEN.exec(text)?.[0] ?? ''
    const next = follow(state, token, open)
    if (next === undefined) return `line ${lineOf(text, place)} ${foundAt(text, place)} where ${EXPECTED[state]} must stand`
    state = next
    place += token.length
  }
}

type State = 'value' | 'item or ]' | 'name' | 'name or }' | 'colon' | ', or ]' | ', or }' | 'end'

const SPACE = /[ \t\n\r]*/y
const TOKEN =
  /[{}[\],:]|"(?:[^"\\\p{Cc}]|[\x7f-\x9f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/uy

const EXPECTED: Readonly<Record<State, string>> = {
  value: 'a value',
  'item or ]': 'a value or "]"',
  name: 'a name in double quotes',
  'name or }': 'a name in double quotes or "}"',
  colon: '":"',
  ', or ]': '"," or "]"',
  ', or }': '"," or "}"',
  end: 'nothing',
}

/** What may come after `token`, which stands where `state` is expected; undefined if it may not stand there. */
function follow(state: State, token: string, open: string[]): State | undefined {
  if (token === '') return undefined
  if (state === 'colon') return token === ':' ? 'value' : undefined
  if (state.startsWith('name') && token.startsWith('"')) return 'colon'
  if (state.endsWith(token) && '}]'.includes(token)) {
    open.pop()
    return afterValue(open)
  }
  if (token === ',' && state.startsWith(',')) return open[open.length - 1] === '{' ? 'name' : 'value'
  if ((state !== 'value' && state !== 'item or ]') || ',:}]'.includes(token)) return undefined
  if (token !== '{' && token !== '[') return afterValue(open)
  open.push(token)
  return token === '{' ? 'name or }' : 'item or ]'
}

function afterValue(open: readonly string[]): State {
  if (open.length === 0) return 'end'
  return open[open.length - 1] === '{' ? ', or }' : ', or ]'
}

function lineOf(text: string, place: number): number {
  return text.slice(0, place).split('\n').length
}

function foundAt(text: string, place: number): string {
  const found = /^(?:[^\s{}[\],:]+|.)/u.exec(text.slice(place, place + 40))?.[0]
  return found === undefined ? 'ends' : `has ${quoteName(found)}`
}
