// How a widget is sure to hear its kernel. Joined before what asks it.

/**
 * Let a model hear its kernel, however long it took to start.
 *
 * anywidget gives a model two seconds. If the page was busy for longer, as it is when a whole lesson is run on a slow machine,
 * each message of the kernel waits for a promise that was rejected, and is dropped (AnyModel._handle_comm_msg): the widget
 * would be there, and never be answered. Where this runs the model has started, so nothing is left to wait for; what was
 * dropped until now is asked for once more.
 */
async function hearKernel(model) {
  const own = await model.widget_manager?.get_model?.(model.get("_key"));
  if (!own) return;
  try {
    // a message of no kind: it does nothing, and fails where all others would
    await own._handle_comm_msg({ content: { data: { method: "" } } });
  } catch {
    const general = Object.getPrototypeOf(Object.getPrototypeOf(own))._handle_comm_msg;
    own._handle_comm_msg = (message) => general.call(own, message);
    own.comm.send({ method: "request_state" }, {});
  }
}
