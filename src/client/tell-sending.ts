/** Says of each form that acts that it is being sent; offline, that it was not. A form that is sent twice acts once. */
export function tellSending(): void {
  addEventListener('submit', (event) => {
    const { target, submitter } = event as SubmitEvent & { target: HTMLFormElement }
    // A search acts on nothing. An input may be called `method`, so the property may be another thing.
    if (target.getAttribute('method') !== 'post' || event.defaultPrevented) return
    if (navigator.onLine) submitter?.setAttribute('aria-busy', 'true')
    else event.preventDefault()
    tell(
      target,
      navigator.onLine
        ? 'Sending…'
        : 'This device is offline. Nothing was sent; send it again when it is back.',
    )
  })
  // The browser shows a page that it kept as it was left.
  addEventListener('pageshow', ({ persisted }) => {
    if (!persisted) return
    for (const notice of document.querySelectorAll('[data-sending]')) notice.remove()
    for (const button of document.querySelectorAll('[aria-busy]')) button.removeAttribute('aria-busy')
  })
}

function tell(form: HTMLFormElement, words: string): void {
  const notice = form.querySelector('[data-sending]') ?? document.createElement('p')
  notice.setAttribute('data-sending', '')
  notice.role = 'status'
  notice.textContent = words
  form.append(notice)
}
