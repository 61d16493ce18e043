import { classesOf } from '../../../runner/model/text/ansi.ts'
import { readCast, sizeOf } from './read-cast.ts'
import type { Cast } from './read-cast.ts'
import { makeTerminal } from './replay-terminal.ts'
import type { Cell, Terminal } from './replay-terminal.ts'

/** Plays a recorded terminal in the place of the button that asked for it. */
export async function replay(place: HTMLElement, address: string): Promise<void> {
  const response = await fetch(address)
  if (!response.ok) throw new Error('the recording is not there')
  const cast = readCast(await response.text())
  const player = document.createElement('div')
  player.className = 'player'
  const screen = document.createElement('pre')
  screen.className = 'code screen'
  screen.tabIndex = 0
  const button = document.createElement('button')
  const bar = document.createElement('input')
  Object.assign(bar, { type: 'range', min: '0', max: String(Math.round(cast.length * 10)), value: '0' })
  bar.setAttribute('aria-label', 'Place in the recording')
  const speed = select([1, 2, 4])
  const clock = document.createElement('span')
  clock.className = 'muted'
  const controls = document.createElement('p')
  controls.append(button, bar, speed, clock)
  player.append(controls, screen)
  place.replaceChildren(player)
  const show = makeShow(cast, screen)
  let now = 0
  let since: number | undefined

  const draw = (): void => {
    show(now)
    bar.value = String(Math.round(now * 10))
    clock.textContent = `${now.toFixed(0)} of ${cast.length.toFixed(0)} s`
    button.textContent = since === undefined ? 'Play' : 'Pause'
  }
  const tick = (time: number): void => {
    if (since === undefined || !player.isConnected) return
    now = Math.min(now + ((time - since) / 1000) * Number(speed.value), cast.length)
    since = now < cast.length ? time : undefined
    draw()
    requestAnimationFrame(tick)
  }
  const play = (): void => {
    if (now >= cast.length) now = 0
    since = performance.now()
    requestAnimationFrame(tick)
  }
  button.addEventListener('click', () => {
    if (since === undefined) play()
    else since = undefined
    draw()
  })
  bar.addEventListener('input', () => {
    now = Number(bar.value) / 10
    draw()
  })
  play()
  draw()
  button.focus()
}

/** Shows the screen as it was at a second of the recording; going back begins anew. */
function makeShow({ columns, rows, moments }: Cast, screen: HTMLElement): (now: number) => void {
  let terminal: Terminal | undefined
  let next = 0
  let last = Infinity
  return (now) => {
    const before = next
    if (!terminal || now < last) [terminal, next] = [makeTerminal(columns, rows), 0]
    const fresh = next === 0
    for (let moment = moments[next]; moment && moment.at <= now; moment = moments[++next]) {
      if (moment.code === 'o') terminal.write(moment.data)
      const size = moment.code === 'r' ? sizeOf(moment.data) : undefined
      if (size) terminal.resize(...size)
    }
    last = now
    if (fresh || next !== before) screen.replaceChildren(...terminal.screen().flatMap(drawn))
  }
}

/** A line as spans of one look each. */
function drawn(line: readonly Cell[]): (Node | string)[] {
  const nodes: (HTMLElement | string)[] = []
  let [text, classes] = ['', '']
  const push = (): void => {
    if (classes === '') nodes.push(text)
    else {
      const span = document.createElement('span')
      span.className = classes
      span.textContent = text
      nodes.push(span)
    }
  }
  for (const { char, pen } of line) {
    const look = classesOf(pen)
    if (look !== classes) {
      push()
      ;[text, classes] = ['', look]
    }
    text += char
  }
  push()
  return [...nodes, '\n']
}

function select(speeds: readonly number[]): HTMLSelectElement {
  const choice = document.createElement('select')
  choice.setAttribute('aria-label', 'Speed')
  choice.append(...speeds.map((one) => new Option(`${one}×`, String(one))))
  return choice
}
