import type { Event } from '../journal/record/event.ts'
import type { Json, JsonObject } from '../model/values/json.ts'

/** Most changes told of one step; a script that prints more is not telling changes. */
const most = 12

/**
 * What a script says that it changed, sent, or could not send: its lines that begin with `+` or `✕`. A line
 * `before …` ahead of one is its value from before, and the line ahead of that says of what.
 */
export function changesIn(stdout: string): string[] {
  const changes: string[] = []
  let what = ''
  let before: string | undefined
  for (const line of stdout.split('\n')) {
    const was = /^ {2}before +(.+)$/.exec(line)?.[1]
    const done = /^([+✕]) +(?:now |after |created )? *(.+)$/.exec(line)
    if (was !== undefined) before = was
    else if (done) {
      const text = done[1] === '✕' ? `✕ ${done[2]}` : (done[2] ?? '')
      changes.push(before === undefined ? text : `${what === '' ? '' : `${what}: `}${before} → ${text}`)
      before = undefined
      what = ''
    } else what = /^ {2}(\S.*)$/.exec(line)?.[1] ?? ''
  }
  return changes.slice(0, most)
}

/** Where an event's program left its standard output, relative to the folder of its run. */
export function stdoutOf({ data }: Event): string | undefined {
  const process = asObject(asObject(data['data'])?.['process']) ?? asObject(data['process'])
  const files = process?.['files']
  if (!Array.isArray(files)) return undefined
  const file = files.map(asObject).find((one) => one?.['stream'] === 'stdout')?.['file']
  return typeof file === 'string' ? file : undefined
}

function asObject(value: Json | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
}
