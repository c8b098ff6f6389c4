import { useEffect, useRef, useState } from 'preact/hooks'
import type { OrderInput } from '../../../sync/protocol/erp.ts'
import { getErpStatus, sendOrder } from '../data/erp.ts'
import { refresh, useRead } from '../data/reads.ts'
import { afterAnswer, afterNews, EDITING, needsNewKey, newKey, type OrderState } from './order-state.ts'

/** Sends one order under one key, and follows what becomes of it. */
export function useOrder() {
  const key = useRef(newKey())
  const isSending = useRef(false)
  const [state, setState] = useState<OrderState>(EDITING)
  const status = useRead(getErpStatus).value

  function settle(next: OrderState) {
    if (needsNewKey(next)) key.current = newKey()
    setState(next)
  }

  // What goes on is told by the status, which is read while an order is under way.
  const news = status?.orders.find((order) => order.key === key.current)
  useEffect(() => {
    if (state.type === 'goes-on' && news) {
      const next = afterNews(news)
      if (next.type !== 'goes-on') settle(next)
    }
  }, [state, news])

  return {
    state,
    async send(order: OrderInput) {
      // A second click of the same moment finds the first one's mark, which no rendering has to show yet.
      if (isSending.current) return
      isSending.current = true
      setState({ type: 'sending' })
      const answer = await sendOrder(order, key.current)
      isSending.current = false
      settle(afterAnswer(answer))
      refresh((path) => path === getErpStatus.path)
    },
    renew() {
      key.current = newKey()
      setState(EDITING)
    },
  }
}
