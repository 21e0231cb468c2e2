/** The program that reads a folder: beside the bundle, or, when the sources run, in the bundle that was built from them. */
export const folderReaderUrl: URL = import.meta.url.endsWith('.ts')
  ? new URL('../../../dist/folder-reader.js', import.meta.url)
  : new URL('./folder-reader.js', import.meta.url)
