import type { Event } from '../../journal/record/event.ts'
import type { Json, JsonObject } from '../../model/values/json.ts'
import { asText } from '../../model/values/json.ts'
import { printable } from '../../kit/io.ts'
import type { Io } from '../../kit/io.ts'
import { counted } from '../../model/counted.ts'

const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const
/** Shortest time between two drawings of the live line, in milliseconds. */
const drawMs = 100
/** Where nobody watches, an ok look is a line at most this often, in milliseconds. */
const plainMs = 60_000

export interface GateLine {
  /** Shows a sample: on a terminal in one line that is drawn again, elsewhere as lines that say what changed. */
  show(event: Event): void
  /** Keeps the line and continues below it. */
  end(): void
}

interface Drawn {
  values: number[]
  text: string
}

/** Draws the samples of a gate while it watches. */
export function gateLine(io: Io, live: boolean, columns: () => number): GateLine {
  const worst = new Map<string, number[]>()
  let drawnAt = 0
  let open = false
  let pending: Drawn | undefined
  let saidAt = 0
  let said = ''

  function draw({ values, text }: Drawn): void {
    const room = Math.max(8, columns() - text.length - 8)
    const chart = sparkline(values.slice(-Math.min(room, 40)))
    io.write(`\r\u001b[2K    ${chart}  ${text.slice(0, Math.max(10, columns() - chart.length - 8))}`)
    open = true
  }

  /** A line above the live one. */
  function say(text: string): void {
    if (open) io.write('\r\u001b[2K')
    open = false
    io.note(`    ${printable(text)}`)
  }

  return {
    show(event) {
      const { key, data } = event
      const step = key.split('/').slice(0, 3).join('/')
      const metric = decidingMetric(data)
      const values = worst.get(step) ?? []
      worst.set(step, values)
      values.push(closeness(metric))
      for (const note of (data['notes'] ?? []) as string[]) say(`note: ${note}`)
      if (!live) {
        const now = Date.parse(event.ts)
        const state = asText(data['verdict'])
        if (state === said && now - saidAt < plainMs) return
        said = state
        saidAt = now
        say(plain(data))
        return
      }
      pending = { values, text: printable(plain(data)) }
      if (Date.now() - drawnAt < drawMs) return
      drawnAt = Date.now()
      draw(pending)
      pending = undefined
    },
    end() {
      if (pending) draw(pending)
      pending = undefined
      if (open) io.write('\n')
      open = false
      said = ''
    },
  }
}

/** `12/20 ok  p95 812 ms, limit below 1000ms  2 violations`: words carry the meaning, colors and bars none. */
function plain(data: JsonObject): string {
  const phase = asText(data['phase'])
  if (phase === 'first') return 'first look'
  const tick = phase === 'warmup' ? phase : `${asText(data['counted'])}/${asText(data['of'])}`
  const violations = Number(data['violations'])
  const count = violations > 0 ? `  ${counted(violations, 'violation')}` : ''
  return `${tick} ${asText(data['verdict'])}  ${asText(data['reason'])}${count}`
}

function decidingMetric(data: JsonObject): JsonObject | undefined {
  const metrics = (data['metrics'] ?? []) as JsonObject[]
  return metrics.find(({ verdict }) => verdict === data['verdict'])
}

/** How near to its limit a value is: 1 at the limit, NaN without a value. */
function closeness(metric: JsonObject | undefined): number {
  const number = (value: Json | undefined): number => (value === '' ? Number.NaN : Number(value))
  const value = number(metric?.['value'])
  const limit = number(metric?.['limit'])
  if (metric?.['side'] === 'above') return value > 0 ? limit / value : 2
  return limit === 0 ? (value >= 0 ? 1 : 0) : value / limit
}

/** One column for each look; the limit is where the full block begins, and a dot is a look without a value. */
function sparkline(values: readonly number[]): string {
  return values
    .map((value) => {
      if (Number.isNaN(value)) return '·'
      const index = value >= 1 ? bars.length - 1 : Math.floor(Math.max(0, value) * (bars.length - 1))
      return bars[index] ?? bars[0]
    })
    .join('')
}
