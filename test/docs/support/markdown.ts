/** A fenced block of a page. */
export interface CodeBlock {
  readonly language: string
  /** What an HTML comment `<!-- tested: ... -->` right above it says, if there is one. */
  readonly mark: string | undefined
  readonly text: string
}

/** The fenced blocks of a page, in order. */
export function codeBlocks(page: string): readonly CodeBlock[] {
  return [...page.matchAll(/(?:^<!-- tested: (.+?) -->\n)?^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, mark, language = '', text = '']) => ({
    language,
    mark,
    text,
  }))
}

/** The cells of every table row below the heading `title`, or on the whole page; head and rule left out. */
export function tableRows(page: string, title?: string): readonly (readonly string[])[] {
  const part = title === undefined ? page : (page.split(new RegExp(`^#+ ${title}$`, 'm'))[1]?.split(/^#/m)[0] ?? '')
  const lines = part.split('\n')
  return lines
    .filter((line, index) => line.startsWith('|') && !/^\|[-:|]+\|$/.test(line) && !/^\|[-:|]+\|$/.test(lines[index + 1] ?? ''))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    )
}

/** The headings of one depth, in order. */
export function headings(page: string, depth: number): readonly string[] {
  return [...page.matchAll(new RegExp(`^#{${depth}} (.+)$`, 'gm'))].map(([, title = '']) => title)
}

/** Every piece of text between backticks, fenced blocks left out. */
export function inlineCode(page: string): readonly string[] {
  return [...withoutBlocks(page).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
}

/** The targets of all links that stay in the repository, without their fragments. */
export function localLinks(page: string): readonly string[] {
  return [...withoutBlocks(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target.replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
}

function withoutBlocks(page: string): string {
  return page.replace(/^```[\s\S]*?^```$/gm, '')
}
