import { systemClock } from '../../base/system-clock.ts'

/** Throws INPUT_MISSING where one of these web seeds is a folder that is not there; relative paths lead from `cwd` on. */
export async function checkFolders(texts: readonly string[], cwd: string): Promise<void> {
  if (texts.length === 0) return
  const { folderPath } = await import('../../web-seed/folder/folder-path.ts')
  const paths = texts.flatMap((text) => folderPath(text, cwd) ?? [])
  if (paths.length === 0) return
  const { checkFolder } = await import('../../web-seed/folder/check-folder.ts')
  await Promise.all(paths.map((path) => checkFolder(path, systemClock)))
}
