import { checkAgain } from './check-again.ts'
import { follow } from './follow-live.ts'
import { tellSending } from '../tell-sending.ts'

/** The player comes when somebody wants to see. */
async function play(place: HTMLElement): Promise<void> {
  try {
    const { replay } = await import('./replay-cast.ts')
    await replay(place, place.dataset['replay'] ?? '')
  } catch (error) {
    place.textContent = `It cannot be played: ${error instanceof Error ? error.message : String(error)}.`
  }
}

/** On the page of a run: checks its evidence in this browser, and shows it grow where it is served live. */
export function startRun(): void {
  tellSending()
  void checkAgain()
  follow(() => void checkAgain())
  // Listened for above the article: a live page is given new ones.
  document.addEventListener('click', ({ target }) => {
    const place =
      target instanceof Element ? target.closest('button')?.closest<HTMLElement>('[data-replay]') : null
    if (place && !place.querySelector('.player')) void play(place)
  })
}
