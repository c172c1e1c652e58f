"""Write a trained model as a small file of pruned and shared weights in Huffman code."""
