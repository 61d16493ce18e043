/** Says of each form of the page that it is being sent; offline, that it was not. A form that is sent twice acts once. */
export function tellSending(): void {
  document.addEventListener('submit', (event) => {
    const { target, submitter } = event
    if (!(target instanceof HTMLFormElement) || event.defaultPrevented) return
    if (!navigator.onLine) {
      event.preventDefault()
      return tell(target, 'This device is offline. Nothing was sent; send it again when it is back.')
    }
    tell(target, 'Sending…')
    submitter?.setAttribute('aria-busy', 'true')
  })
  // The browser shows a page that it kept as it was left.
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) for (const notice of document.querySelectorAll('[data-sending]')) notice.remove()
  })
}

function tell(form: HTMLFormElement, words: string): void {
  const notice = form.querySelector('[data-sending]') ?? document.createElement('p')
  notice.setAttribute('data-sending', '')
  notice.setAttribute('role', 'status')
  notice.textContent = words
  form.append(notice)
}
