"""The workbook as a site without installing: notebooks in, pages whose explorers work out."""
