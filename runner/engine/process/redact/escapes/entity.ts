import { ampersand, emitPoint, lastPoint } from './stage.ts'
import type { Emit, Stage } from './stage.ts'

/** The names that writers of HTML and XML give to characters. */
const entities: Record<string, number> = { amp: 38, lt: 60, gt: 62, quot: 34, apos: 39, nbsp: 160 }

/** Longest entity in bytes, without `&` and `;`: `#x10FFFF`. */
const longestEntity = 8

/** `&amp;`, `&#47;`, `&#x2F;`. Double escapes are resolved twice. */
export function entityStage(emit: Emit): Stage & { hasLetters(): boolean } {
  let entityAt = -1
  let name: { byte: number; start: number; ends: number }[] = []
  function reset(): void {
    entityAt = -1
    name = []
  }
  /** It was none: the sign and its letters stand for themselves. */
  function end(): void {
    if (entityAt < 0) return
    const [start, letters] = [entityAt, name]
    reset()
    emit(ampersand, start, start + 1)
    for (const { byte, start: from, ends } of letters) emit(byte, from, ends)
  }
  function push(byte: number, at: number, ends: number): void {
    if (entityAt < 0) {
      if (byte === ampersand) entityAt = at
      else emit(byte, at, ends)
      return
    }
    const letter = String.fromCharCode(byte)
    if (name.length < longestEntity && /[#\dA-Za-z]/.test(letter)) {
      name.push({ byte, start: at, ends })
      return
    }
    const point =
      letter === ';' ? pointOf(name.map((one) => String.fromCharCode(one.byte)).join('')) : undefined
    const start = entityAt
    if (point === undefined) {
      end()
      push(byte, at, ends)
    } else {
      reset()
      if (point === ampersand) entityAt = start
      else emitPoint(point, start, ends, emit)
    }
  }
  return { push, pending: () => entityAt, hasLetters: () => name.length > 0, end, reset }
}

/** The character of an entity; undefined when it is none. */
function pointOf(name: string): number | undefined {
  const [, hex, decimal] = /^#(?:x([\da-f]+)|(\d+))$/i.exec(name) ?? []
  const point = hex ? Number.parseInt(hex, 16) : decimal ? Number(decimal) : entities[name.toLowerCase()]
  return point === undefined || point > lastPoint ? undefined : point
}
