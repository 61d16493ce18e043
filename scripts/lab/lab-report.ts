import { COLORS, type Color, type Faults } from './lab-model.ts'
import type { LabState } from './state.ts'

/** The state of the lab as a few aligned lines. */
export function statusText(state: LabState): string {
  const lines = [
    `switch  ${state.url}`,
    `admin   ${state.adminUrl}`,
    ...COLORS.map((color) => colorLine(state, color)),
    `live    ${state.live}  (traffic version ${state.traffic.version})`,
  ]
  if (state.load !== null) lines.push(`load    ${state.load.rate}/s, ${loadText(state.load)}`)
  return `${lines.join('\n')}\n`
}

/** The counts of the built-in client. */
export function loadText(load: { sent: number; failed: number }): string {
  return `${load.sent} requests sent, ${load.failed} failed`
}

function colorLine(state: LabState, color: Color): string {
  const slot = state.colors[color]
  const weight = String(state.traffic.weights[color]).padStart(3)
  const notes = [
    ...faultWords(slot.faults),
    ...(slot.lastExit === null ? [] : [`last exit: ${slot.lastExit}`]),
  ]
  const line = `${color.padEnd(6)}  ${slot.url}  ${slot.state.padEnd(8)}  ${(slot.version ?? '-').padEnd(8)} weight ${weight}  in flight ${slot.inFlight}`
  return notes.length === 0 ? line : `${line}  (${notes.join('; ')})`
}

function faultWords(faults: Faults): string[] {
  return [
    ...(faults.errors > 0 ? [`fault errors ${percent(faults.errors)}`] : []),
    ...(faults.latency > 0 ? [`fault latency ${percent(faults.latency)}`] : []),
    ...(faults.flap ? ['fault flap'] : []),
    ...(faults.noTraffic ? ['fault no-traffic'] : []),
  ]
}

function percent(rate: number): string {
  return `${Number((rate * 100).toFixed(2))} %`
}
