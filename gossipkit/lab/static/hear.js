// How a widget is sure to hear its kernel. Joined before what asks it.

/**
 * A view that is drawn once its model hears the kernel, however long the model took to start.
 *
 * anywidget gives a model two seconds. If the page was busy for longer, as it is when a whole lesson is run on a slow machine,
 * each message of the kernel waits for a promise that was rejected, and is dropped (AnyModel._handle_comm_msg): the widget
 * would be there, and never be answered. When a view is drawn the model has started, so nothing is left to wait for; what was
 * dropped until then is asked for once more.
 */
function heard(render) {
  return async (view) => {
    let own;
    try {
      own = await view.model.widget_manager?.get_model?.(view.model.get("_key"));
      // a message of no kind: it does nothing, and fails where all others would
      await own?._handle_comm_msg({ content: { data: { method: "" } } });
    } catch {
      // where the page can't find the model, or its kernel is gone, there is nobody to ask: the view is drawn as it is
      if (own?.comm) await askAgain(own);
    }
    return render(view);
  };
}

/** Take the kernel's messages past the promise, and come back when the model's whole state has arrived. */
function askAgain(own) {
  const general = Object.getPrototypeOf(Object.getPrototypeOf(own))._handle_comm_msg;
  return new Promise((told) => {
    own.comm.on_msg(async (message) => {
      await general.call(own, message);
      if (message.content.data.method === "update") told();
    });
    own.comm.send({ method: "request_state" }, {});
  });
}
