/** One element, without the texts in it. */
export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlElement[]
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** Reads XML 1.0 without text, comments, CDATA and document types, as strictly as the standard asks for. Throws for anything else. */
export function readXml(text: string): XmlElement {
  const illegal = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.exec(text)
  if (illegal !== null) throw new SyntaxError(`a character that XML cannot hold at ${illegal.index}`)
  const declaration = /^<\?xml version="1\.0" encoding="UTF-8"\?>\s*/.exec(text)?.[0] ?? ''
  const top: XmlElement & { children: XmlElement[] } = { name: '', attributes: {}, children: [] }
  const open = [top]
  let at = declaration.length
  const token = /\s*<(\/?)([A-Za-z_][\w.-]*)((?:\s+[A-Za-z_][\w.-]*="[^"<]*")*)\s*(\/?)>\s*/uy
  while (at < text.length) {
    token.lastIndex = at
    const found = token.exec(text)
    const inner = open.at(-1)
    if (found === null || inner === undefined) throw new SyntaxError(`no element at ${at}: ${text.slice(at, at + 80)}`)
    at = token.lastIndex
    const [, isEnd, name = '', attributes = '', isEmpty] = found
    if (isEnd !== '') {
      if (open.pop()?.name !== name) throw new SyntaxError(`</${name}> ends another element`)
      continue
    }
    const element = { name, attributes: attributesIn(attributes), children: [] }
    inner.children.push(element)
    if (isEmpty === '') open.push(element)
  }
  const [root, ...more] = top.children
  if (root === undefined || more.length > 0 || open.length > 1) throw new SyntaxError('not one element')
  return root
}

function attributesIn(text: string): Record<string, string> {
  const attributes: Record<string, string> = {}
  for (const [, name = '', value = ''] of text.matchAll(/([\w.-]+)="([^"]*)"/gu)) {
    if (name in attributes) throw new SyntaxError(`two attributes ${name}`)
    attributes[name] = value.replace(/&(\w*);?/g, (entity, word: string) => {
      const character = ENTITIES[word]
      if (character === undefined || !entity.endsWith(';')) throw new SyntaxError(`no entity ${entity}`)
      return character
    })
  }
  return attributes
}
