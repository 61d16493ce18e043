import type { TeamDesk } from './port.ts'

/** The notices of the database about work and answers, for all who wait for one in this process. */
export interface Notices {
  /** Calls back for each notice, and with '' when some may have been missed. Returns what ends it. */
  on(hear: (notice: string) => void): () => void
  /** Tells all but one what that one found by itself: a notice may come late, or never. */
  tell(notice: string, by: (notice: string) => void): void
  close(): void
}

/** Listens with one connection, from the first who waits on. */
export function openNotices(desk: Pick<TeamDesk, 'listen'>): Notices {
  const stop = new AbortController()
  const all = new Set<(notice: string) => void>()
  let isListening = false
  const tell = (notice: string, by?: (notice: string) => void): void =>
    all.forEach((one) => void (one === by || one(notice)))
  return {
    tell,
    on(hear) {
      all.add(hear)
      if (!isListening) {
        isListening = true
        desk.listen((notice) => tell(notice), stop.signal, false)
      }
      return () => void all.delete(hear)
    },
    close: () => stop.abort(),
  }
}
