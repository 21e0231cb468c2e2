import type { VerbEvents } from '../../app/events.ts'
import type { Events } from '../../base/events.ts'
import { hostsTable } from './hosts-table.ts'
import { copiesSentence, handoverSentence, metadataSentence, peerSentence, readySentence, switchedSentence } from './sentences.ts'
import { plainStyle } from './style.ts'
import type { Talk } from './talk.ts'

/** Has `talk` say what happens to a verb, but for its figures and its end, which each reporter shows in its own way. */
export function sayEvents(events: Events<VerbEvents>, talk: Talk): void {
  events.on('ready', (ready) => talk.say(readySentence(ready)))
  events.on('metadata', (metadata) => talk.say(metadataSentence(metadata)))
  events.on('peer', (peer) => talk.whisper(peerSentence(peer)))
  events.on('copies', (copies) => talk.say(copiesSentence(copies)))
  events.on('handover', (handover) => talk.say(handoverSentence(handover)))
  events.on('hosts', ({ hosts }) => {
    for (const line of hostsTable(hosts, plainStyle)) talk.say(line)
  })
  events.on('switched', (switched) => talk.say(switchedSentence(switched)))
  events.on('releaseRemoved', ({ release }) => talk.say(`removed the old release ${release}`))
  events.on('warning', (warning) => talk.warn(warning.message))
}
