/** Answers to the checklists, for a machine without a terminal. A file never approves anything. */
export const demoAnswers = `actor: demo@lab.example
answers:
  ready: done
  announce:
    - done
    - done
    - answer: not-applicable
      note: The lab is stopped after the demo.
`
