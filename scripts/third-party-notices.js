import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const packageFolder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/

/** The licence of every package with a file among `inputs` (paths below `root`), one after another, sorted by name. */
export async function thirdPartyNotices(root, inputs) {
  const folders = new Set(inputs.map((input) => packageFolder.exec(input)?.[0]).filter((folder) => folder !== undefined))
  const notices = await Promise.all([...folders].map((folder) => notice(join(root, folder))))
  const sections = [...new Set(notices.sort())].map((text) => `${'-'.repeat(80)}\n${text.trim()}\n`)
  return `distro contains code of the following packages.\n\n${sections.join('\n')}`
}

async function notice(folder) {
  const { name, version, license, author, repository } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  const file = (await readdir(folder)).find((entry) => /^(licen[cs]e|copying)(\.|-|$)/i.test(entry))
  const text = file === undefined ? `Copyright ${author?.name ?? author ?? name}` : await readFile(join(folder, file), 'utf8')
  const url = typeof repository === 'string' ? repository : (repository?.url ?? '')
  return `${name} ${version} (${license}) ${url.replace(/^git\+/, '')}\n\n${text}`
}
