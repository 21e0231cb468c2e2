import { codeBlocks } from './markdown.ts'

/** Every complete distro command in the shell blocks of a page, without the word `distro`; what the shell adds behind it is cut off. */
export function commandLines(page: string): readonly string[] {
  const blocks = codeBlocks(page).filter(({ language }) => language === 'sh' || language === 'console')
  const lines = blocks.flatMap(({ language, text }) => {
    const joined = text.replaceAll(/ *\\\n\s*/g, ' ').split('\n')
    return language === 'sh' ? joined : joined.filter((line) => line.startsWith('$ ')).map((line) => line.slice(2))
  })
  return lines.flatMap((line) => {
    const command = /(?:^|\b(?:until|if|while) |&& )distro (.+)$/.exec(line)?.[1]
    return command === undefined ? [] : [command.replace(/ ?(?:&&|\|\||;| [|&<>]) .*$/, '').replace(/\s+#.*$/, '')]
  })
}

/** The words of a line as a shell would cut it; what it would put in for a variable or a command stays as it is written. */
export function shellWords(line: string): readonly string[] {
  const words = [...line.matchAll(/(?:'[^']*'|"(?:\$\([^)]*\)|[^"])*"|[^\s'"])+/g)].map(([word]) => word)
  return words.map((word) => word.replaceAll(/'([^']*)'|"((?:\$\([^)]*\)|[^"])*)"/g, '$1$2'))
}
