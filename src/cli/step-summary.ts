import { appendFile } from 'node:fs/promises'
import type { HostRecord } from '../app/copies/host-roll.ts'
import type { VerbEvents } from '../app/events.ts'
import type { Events } from '../base/events.ts'
import { failureOf } from './failure.ts'
import { restOfHosts, stateOfHost } from './report/host-words.ts'

/** Hosts in the summary at most. */
const MOST_SUMMARISED = 100

/** How a verb that waits for copies ended. */
type SummaryEnd = { readonly sentence: string } | { readonly failure: unknown }

/** Whose summary it is. */
export interface StepSummaryParts {
  readonly verb: string
  /** What `$GITHUB_STEP_SUMMARY` names; undefined or empty where nobody reads one. */
  readonly path: string | undefined
  readonly events: Events<VerbEvents>
  /** What it was stopped by, if it is aborted. */
  readonly signal: AbortSignal
}

/** Gathers what a run of a pipeline says of itself in Markdown, as GitHub Actions show it on the page of a job. */
export class StepSummary {
  readonly #parts: StepSummaryParts
  #name = ''
  #hosts: readonly HostRecord[] = []

  constructor(parts: StepSummaryParts) {
    this.#parts = parts
    const { events } = parts
    events.on('metadata', ({ name }) => {
      this.#name = name
    })
    events.on('hosts', ({ hosts }) => {
      this.#hosts = hosts
    })
  }

  /** Appends the summary to its file when `running` has ended, and hands on how it did. That it could not be written is a warning. */
  async around<Result extends { readonly goalMet: boolean }>(
    running: Promise<Result>,
    sentenceOf: (result: Result) => string,
  ): Promise<Result> {
    const { signal } = this.#parts
    try {
      const result = await running
      await this.#write(signal.aborted && !result.goalMet ? { failure: signal.reason } : { sentence: sentenceOf(result) })
      return result
    } catch (failure) {
      await this.#write({ failure })
      throw failure
    }
  }

  async #write(end: SummaryEnd): Promise<void> {
    const { path = '', events } = this.#parts
    if (path === '') return
    try {
      await appendFile(path, this.#markdown(end))
    } catch (error) {
      events.emit('warning', { message: `The summary of this step could not be written to ${path}: ${String(error)}` })
    }
  }

  #markdown(end: SummaryEnd): string {
    const what = this.#name === '' ? '' : ` ${escapeMarkdown(this.#name)}`
    const failure = 'failure' in end ? failureOf(end.failure) : undefined
    const sentence = 'failure' in end ? `Exit code ${failure?.exitCode}: ${failure?.message}` : end.sentence
    const shown = this.#hosts.slice(0, MOST_SUMMARISED)
    const rows = shown.map((host) => `| ${[host.name, host.zone ?? '', stateOfHost(host)].map(escapeMarkdown).join(' | ')} |`)
    const table = rows.length === 0 ? [] : ['', '| host | zone | state |', '|---|---|---|', ...rows]
    const rest = this.#hosts.slice(MOST_SUMMARISED)
    const more = rest.length === 0 ? [] : ['', escapeMarkdown(restOfHosts(rest))]
    return [`### distro ${this.#parts.verb}${what}`, '', escapeMarkdown(sentence), ...table, ...more, '', ''].join('\n')
  }
}

/** Text that Markdown shows as it is, on one line: nothing in it is markup, HTML, a link or a mention. */
function escapeMarkdown(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '\ufffd').replace(/[!-/:-@[-`{-~]/g, '\\$&')
}
