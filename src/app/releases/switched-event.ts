import { join } from 'node:path'
import { currentLink } from '../../store/current-link.ts'
import type { ReleaseSwitch } from '../../store/release-switch.ts'
import type { SwitchedEvent } from '../events.ts'

/** A flip as it is told. */
export function switchedEvent(verb: SwitchedEvent['verb'], { dir, release, previous }: ReleaseSwitch): SwitchedEvent {
  const { name, title, infoHash, bytes } = release
  return { verb, dir, current: currentLink(dir), release: name, path: join(dir, name), previous, infoHash, name: title, bytes }
}
