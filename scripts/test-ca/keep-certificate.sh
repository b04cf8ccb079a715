# Keeps a certificate and its key from standard input, where there are none yet.
#   DIRECTORY  absolute path
#   OWNER      uid:gid of both files
umask 077
cd "$DIRECTORY" || exit 1
if [ -s cert.pem ] && [ -s key.pem ]; then exit 0; fi
rm -f pair.new cert.new key.new
cat > pair.new
sed -n '/BEGIN CERTIFICATE/,/END CERTIFICATE/p' pair.new > cert.new
sed -n '/BEGIN .*PRIVATE KEY/,/END .*PRIVATE KEY/p' pair.new > key.new
rm pair.new
if [ ! -s cert.new ] || [ ! -s key.new ]; then
  echo "no certificate and key came on standard input" >&2
  exit 1
fi
chown -h "$OWNER" cert.new key.new
chmod 0444 cert.new
chmod 0400 key.new
mv key.new key.pem
mv cert.new cert.pem
