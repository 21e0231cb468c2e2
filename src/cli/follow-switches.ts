import type { SwitchedEvent, VerbEvents } from '../app/events.ts'
import type { Events } from '../base/events.ts'
import { escapeText } from './escape-text.ts'

/** Calls `add` with each switch that the --on-switch command is to follow: those that happen, and an earlier one after which it did not end well. */
export function followSwitches(events: Events<VerbEvents>, add: (fields: SwitchedEvent) => void): void {
  events.on('switched', add)
  events.on('switchOwed', (fields) => {
    const message = `The --on-switch command did not succeed after the last switch to ${escapeText(fields.release)}, so it runs again.`
    events.emit('warning', { message })
    add(fields)
  })
}
