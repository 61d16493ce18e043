import { join } from 'node:path'
import type { Event } from '../../journal/record/event.ts'
import { readTextWithin } from '../../journal/record/folder.ts'
import { JournalError } from '../../journal/record/journal-error.ts'
import { evidenceFiles, files } from '../../journal/record/run-store.ts'
import { openJournal } from '../../journal/record/write-journal.ts'
import type { Journal } from '../../journal/record/write-journal.ts'

/**
 * Opens the journal of a run to go on with it. The head that was written when the run paused must be the head of its
 * beginning: the last line of a chain has no other witness.
 */
export function openSealedJournal(
  folder: string,
  run: string,
  onEvent: (event: Event, line: string, synced: boolean) => void,
): Journal {
  const file = join(folder, files.journal)
  const journal = openJournal(file, { run, onEvent })
  const sealed = readHead(folder)
  if (sealed && hashAt(journal, sealed.size) !== sealed.sha256) {
    journal.close()
    throw new JournalError(
      `${file}: The first ${sealed.size} lines are not the ones ${evidenceFiles.head} was written for: they were changed or cut`,
    )
  }
  return journal
}

/** The hash of the line before a place: what the event there names, or would name. */
function hashAt(journal: Journal, size: number): string | undefined {
  return size === journal.events.length ? journal.head() : journal.events[size]?.prev
}

function readHead(folder: string): { size: number; sha256: string } | undefined {
  const text = readTextWithin(folder, evidenceFiles.head)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as { size: number; sha256: string }
  } catch {
    throw new JournalError(`${join(folder, evidenceFiles.head)}: The head cannot be read`)
  }
}
