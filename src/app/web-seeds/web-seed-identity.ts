import { folderPath } from '../../web-seed/folder/folder-path.ts'

/**
 * What is the same for two ways to write one web seed: the normalised URL without user, password and fragment, or the absolute path.
 * `text` is what somebody named, `cwd` the folder from which relative paths lead. Throws USAGE for a `file:` URL of another machine.
 */
export function webSeedIdentity(text: string, cwd: string): string {
  const path = folderPath(text, cwd)
  if (path !== undefined) return path
  const [, prefix = '', address = ''] = /^(bep17\+)?(.*)$/s.exec(text.trim()) ?? []
  // The prefix of a bucket is taken as it stands.
  if (/^s3:/i.test(address)) return `s3:${address.slice(3)}${/^s3:\/\/[^/]*$/i.test(address) ? '/' : ''}`
  if (!URL.canParse(address)) return text
  const url = new URL(address)
  url.username = ''
  url.password = ''
  url.hash = ''
  // An empty query leaves its mark behind otherwise.
  if (url.search === '') url.search = ''
  return `${prefix}${url.href}`
}
