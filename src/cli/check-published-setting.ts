import { checkPublishedUrl } from '../app/torrents/check-published-url.ts'
import { DistroError } from '../base/errors.ts'
import type { Setting } from './resolve-options.ts'

/**
 * Throws CONFIG_INVALID, with the name of the variable or the place in the config file, where web seeds that stand there for every command
 * are none that could be published. Of those given as flags the verb speaks itself.
 */
export function checkPublishedSetting(urls: readonly string[], setting: Setting | undefined): void {
  if (setting === undefined || setting.origin === 'flag') return
  try {
    for (const url of urls) checkPublishedUrl(url)
  } catch (error) {
    if (!(error instanceof DistroError)) throw error
    throw new DistroError('CONFIG_INVALID', `${setting.origin} counts for what is published too. ${error.message}`, {
      hint: 'Leave it out for this command, and name what only whoever fetches may ask with distro fetch --web-seed.',
      cause: error,
    })
  }
}
