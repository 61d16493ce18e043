/** Gives every command a button that copies it as it is shown. */
export function addCopyButtons(): void {
  for (const block of document.querySelectorAll('.prose :not(.command) > pre.code')) {
    const holder = document.createElement('div')
    holder.className = 'command'
    block.replaceWith(holder)
    holder.append(block)
  }
  for (const command of document.querySelectorAll<HTMLElement>('.command')) {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'copy'
    button.textContent = 'Copy'
    button.addEventListener('click', () => void copy(command, button))
    command.prepend(button)
  }
}

async function copy(command: HTMLElement, button: HTMLButtonElement): Promise<void> {
  const code = command.querySelector('code')
  if (!code) return
  button.textContent = (await write(code)) ? 'Copied' : 'Select and copy'
  setTimeout(() => (button.textContent = 'Copy'), 2000)
}

/** Plain http pages have no clipboard; there the old way still works. */
async function write(code: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(code.textContent)
    return true
  } catch {
    getSelection()?.selectAllChildren(code)
    return document.execCommand('copy')
  }
}
