/** RFC 9457 problem details, with the members that Parix adds. Older routes answer only `message` or `error`. */
export interface Problem {
  type?: string
  title?: string
  status?: number
  detail?: string
  instance?: string
  errors?: string[]
  fieldErrors?: Record<string, string[]>
  /** Set when TigerBeetle refused events of a create batch (409): one entry per event that was not created. */
  tbResults?: RefusedEvent[]
  message?: string
  error?: string
}

/** One event that TigerBeetle did not create. */
export interface RefusedEvent {
  /** The event's place in the batch, from 0. */
  index: number
  /** TigerBeetle's name for the result, such as `exceeds_credits`. */
  result: string
  /** TigerBeetle's number for it. Numbers differ between accounts and transfers: go by the name. */
  code: number
}
