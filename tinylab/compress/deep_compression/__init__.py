"""A trained model in, a small file of pruned and shared weights in Huffman code out."""
