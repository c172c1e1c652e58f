export default {
  initialize({ model }) {
    initialize({ model });
    unpack(model.get("version"), model.get("packed"));
  },
};
